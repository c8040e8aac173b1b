"""Custom domains: made by the SDKs, and what a request to one reaches."""

import uuid

import cloud
import legacy
import requests
import server
from alibabacloud_fc_open20210406 import models


def ask(domain, path, method="GET"):
    """A request to the server's address that names the domain as its host."""
    return requests.request(method, f"http://{server.current.address}{path}", headers={"host": domain}, timeout=60)


class Domains(cloud.CloudTest):
    def make_page(self, name):
        self.make_function(name, "index.web")
        config = '{"authType": "anonymous", "methods": ["GET", "POST"]}'
        request = models.CreateTriggerRequest(trigger_name="web", trigger_type="http", trigger_config=config)
        self.client.create_trigger(self.service, name, request)

    def route(self, path, function, **members):
        return models.PathConfig(path=path, service_name=self.service, function_name=function, **members)

    def test_requests_to_a_domain_reach_its_functions(self):
        self.make_page("home")
        self.make_page("api")
        domain = f"shop-{uuid.uuid4().hex[:8]}.example.org"
        routes = models.RouteConfig(routes=[self.route("/*", "home"), self.route("/api/*", "api", methods=["GET"])])
        made = self.client.create_custom_domain(models.CreateCustomDomainRequest(domain_name=domain, protocol="HTTP", route_config=routes))
        self.assertEqual((made.body.domain_name, made.body.protocol, made.body.account_id), (domain, "HTTP", "1000000000000001"))
        self.assertEqual([route.path for route in made.body.route_config.routes], ["/*", "/api/*"])
        for path in ("/", "/api", "/healthz", "/2021-04-06/services"):
            answer = ask(domain, path)
            self.assertEqual((answer.status_code, answer.json()["path"]), (201, path), answer.text)
            self.assertNotIn("content-security-policy", answer.headers)
        self.assertEqual(ask(domain, "/api/x").json()["path"], "/api/x")
        refused = ask(domain, "/api/x", "POST")
        self.assertEqual((refused.status_code, refused.json()["Code"]), (400, "PathNotSupported"))
        # The second function alone, so that the route is seen to lead to it.
        self.client.delete_trigger(self.service, "api", "web")
        self.assertEqual((ask(domain, "/api/x").status_code, ask(domain, "/").status_code), (404, 201))
        narrow = models.RouteConfig(routes=[self.route("/only", "home")])
        self.client.update_custom_domain(domain, models.UpdateCustomDomainRequest(route_config=narrow))
        refused = ask(domain, "/")
        self.assertEqual((refused.status_code, refused.json()["Code"]), (404, "DomainRouteNotFound"))
        self.assertEqual(ask(domain, "/only").status_code, 201)
        self.assertEqual(self.client.delete_custom_domain(domain).status_code, 204)
        self.assertNotEqual(ask(domain, "/only").status_code, 201)

    def test_get_list_and_refusals(self):
        self.make_function("f", "index.echo")
        prefix = f"d{uuid.uuid4().hex[:8]}"
        names = [f"{prefix}{letter}.example.org" for letter in "abc"]
        routes = models.RouteConfig(routes=[self.route("/", "f")])
        for name in names:
            self.client.create_custom_domain(models.CreateCustomDomainRequest(domain_name=name, route_config=routes))
        with self.refused(409, "DomainNameAlreadyExists"):
            self.client.create_custom_domain(models.CreateCustomDomainRequest(domain_name=names[0], route_config=routes))
        page = self.client.list_custom_domains(models.ListCustomDomainsRequest(limit=2, prefix=prefix)).body
        self.assertEqual([domain.domain_name for domain in page.custom_domains], names[:2])
        rest = self.client.list_custom_domains(models.ListCustomDomainsRequest(prefix=prefix, next_token=page.next_token)).body
        self.assertEqual([domain.domain_name for domain in rest.custom_domains], names[2:])
        certificate = models.CertConfig(cert_name="mine", certificate="PEM", private_key="a secret")
        changed = models.UpdateCustomDomainRequest(protocol="HTTP,HTTPS", cert_config=certificate)
        self.client.update_custom_domain(names[0], changed)
        found = self.client.get_custom_domain(names[0]).body
        self.assertEqual((found.protocol, found.cert_config.cert_name, found.cert_config.private_key), ("HTTP,HTTPS", "mine", None))
        self.assertEqual((found.route_config.routes[0].function_name, found.route_config.routes[0].qualifier), ("f", "LATEST"))
        nowhere = models.RouteConfig(routes=[self.route("/", "none")])
        with self.refused(404, "FunctionNotFound"):
            self.client.create_custom_domain(models.CreateCustomDomainRequest(domain_name=f"{prefix}z.example.org", route_config=nowhere))
        with self.refused(400, "InvalidArgument"):
            self.client.create_custom_domain(models.CreateCustomDomainRequest(domain_name="localhost"))
        for name in names:
            self.client.delete_custom_domain(name)
        with self.refused(404, "DomainNameNotFound"):
            self.client.get_custom_domain(names[0])


class LegacyDomains(legacy.LegacyTest):
    def test_create_get_update_list_and_delete(self):
        self.make_function("f", "index.echo")
        domain = f"old-{uuid.uuid4().hex[:8]}.example.org"
        routes = {"routes": [{"path": "/*", "serviceName": self.service, "functionName": "f", "qualifier": None}]}
        made = self.client.create_custom_domain(domain, protocol="HTTP", routeConfig=routes)
        self.assertTrue(made.headers["etag"])
        self.assertEqual((made.data["domainName"], made.data["apiVersion"]), (domain, "2016-08-15"))
        self.assertEqual(self.client.get_custom_domain(domain).data, made.data)
        updated = self.client.update_custom_domain(domain, protocol="HTTP,HTTPS").data
        self.assertEqual((updated["protocol"], updated["routeConfig"]), ("HTTP,HTTPS", made.data["routeConfig"]))
        listed = self.client.list_custom_domains(prefix=domain).data
        self.assertEqual([found["domainName"] for found in listed["customDomains"]], [domain])
        self.client.delete_custom_domain(domain)
        with self.refused(404, "DomainNameNotFound"):
            self.client.get_custom_domain(domain)
