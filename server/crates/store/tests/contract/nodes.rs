//! The servers on a store.

use crate::fixtures::at;
use engine::ports::{Node, WorkerId};
use store::each_backend;
use store::testing::TestDb;

each_backend!(i4_6_servers_are_listed_until_they_leave_or_are_silent,);

fn node(name: &str, address: &str) -> Node {
    Node { worker: WorkerId(name.to_owned()), address: address.to_owned(), secret: format!("secret of {name}") }
}

async fn i4_6_servers_are_listed_until_they_leave_or_are_silent(db: TestDb) {
    let store = db.store();
    assert_eq!(store.list_nodes().await.unwrap(), []);
    for (name, seen) in [("w-b", 1_000), ("w-a", 2_000), ("w-c", 3_000)] {
        store.put_node(&node(name, "127.0.0.1:1"), at(seen), at(0)).await.unwrap();
    }
    let moved = node("w-a", "[::1]:2");
    store.put_node(&moved, at(4_000), at(1_000)).await.unwrap();
    assert_eq!(store.list_nodes().await.unwrap(), [moved.clone(), node("w-b", "127.0.0.1:1"), node("w-c", "127.0.0.1:1")]);
    store.delete_node(&WorkerId("w-c".to_owned())).await.unwrap();
    store.delete_node(&WorkerId("w-none".to_owned())).await.unwrap();
    store.put_node(&moved, at(5_000), at(1_001)).await.unwrap();
    assert_eq!(store.list_nodes().await.unwrap(), [moved], "one was deleted, one silent");
}
