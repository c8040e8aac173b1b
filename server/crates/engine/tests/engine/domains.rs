//! Custom domains: what they may lead to.

use crate::support::{World, task_mode};
use engine::ports::{Node, WorkerId};
use model::*;

fn at(name: &str, region: &Region) -> DomainRef {
    DomainRef { region: region.clone(), name: DomainName::from_stored(name) }
}

fn to(of: &FunctionRef, path: &str) -> DomainRoute {
    let (service, function) = (of.service.clone(), of.function.clone());
    DomainRoute { path: path.to_owned(), methods: Vec::new(), service, function, qualifier: Qualifier::latest() }
}

fn routes(routes: &[DomainRoute]) -> DomainSpec {
    DomainSpec { routes: routes.to_vec(), ..DomainSpec::default() }
}

#[tokio::test]
async fn i5_1_a_new_route_leads_to_a_function_and_an_old_one_may_outlive_it() {
    let world = World::with_config(task_mode()).await;
    let (shop, engine) = (at("shop.example.org", &world.function.region), &world.engine);
    let nowhere = FunctionRef { function: FunctionName::from_stored("none"), ..world.function.clone() };
    let refused = engine.create_domain(&shop, routes(&[to(&nowhere, "/")])).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::FunctionNotFound);
    let versioned = DomainRoute { qualifier: Qualifier::from_stored("7"), ..to(&world.function, "/") };
    assert_eq!(engine.create_domain(&shop, routes(&[versioned])).await.unwrap_err().code, ErrorCode::VersionNotFound);
    let made = engine.create_domain(&shop, routes(&[to(&world.function, "/")])).await.unwrap();
    assert_eq!(engine.create_domain(&shop, DomainSpec::default()).await.unwrap_err().code, ErrorCode::DomainNameAlreadyExists);
    engine.delete_function(&world.function, None).await.unwrap();
    let more = |route| DomainPatch { routes: Some(vec![to(&world.function, "/"), route]), ..DomainPatch::default() };
    assert_eq!(engine.update_domain(&shop, more(to(&nowhere, "/b")), None).await.unwrap_err().code, ErrorCode::FunctionNotFound);
    let patch = DomainPatch { protocol: Some(DomainProtocol::Both), ..DomainPatch::default() };
    let changed = engine.update_domain(&shop, patch, Some(&made.etag)).await.unwrap();
    assert_eq!((changed.spec.protocol, changed.spec.routes), (DomainProtocol::Both, made.spec.routes));
    assert_eq!(engine.delete_domain(&shop, Some(&made.etag)).await.unwrap_err().code, ErrorCode::PreconditionFailed);
    engine.delete_domain(&shop, None).await.unwrap();
    assert_eq!(engine.get_domain(&shop).await.unwrap_err().code, ErrorCode::DomainNameNotFound);
}

#[tokio::test]
async fn i5_1_no_domain_takes_the_name_of_a_server() {
    let world = World::with_config(task_mode()).await;
    let worker = WorkerId("other".to_owned());
    let node = Node { worker, address: "one.servers.example.org:3000".to_owned(), secret: "s".to_owned() };
    world.store.put_node(&node, UnixMillis(1), UnixMillis(0)).await.unwrap();
    for name in ["one.servers.example.org", "*.servers.example.org"] {
        let refused = world.engine.create_domain(&at(name, &world.function.region), DomainSpec::default()).await.unwrap_err();
        assert_eq!((refused.code, refused.message.contains("runs functions")), (ErrorCode::InvalidArgument, true), "{refused}");
    }
    world.engine.create_domain(&at("two.servers.example.org", &world.function.region), DomainSpec::default()).await.unwrap();
}

#[tokio::test]
async fn i5_1_domains_of_regions_that_are_not_here() {
    let world = World::with_config(task_mode()).await;
    let mars = Region::from_stored("mars");
    let refused = world.engine.create_domain(&at("a.example.org", &mars), DomainSpec::default()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RegionNotFound);
    assert_eq!(world.engine.list_domains(&mars, &ListQuery::default()).await.unwrap_err().code, ErrorCode::RegionNotFound);
}
