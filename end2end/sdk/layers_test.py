"""Layers: what they are, and what functions see of them."""

import json

import cloud
from alibabacloud_fc_open20210406 import models

HANDLER = """
import json, os, sys

def handler(event, context):
    import tool
    text = lambda path: open(path).read() if os.path.exists(path) else None
    return {"tool": tool.WHO, "both": text("/opt/both.txt"), "first": text("/opt/first.txt"), "second": text("/opt/second.txt")}
"""


class Layers(cloud.CloudTest):
    def make_layer(self, name, **files):
        texts = {path: text for path, text in files.items()}
        code = models.Code(zip_file=cloud.zip_of(**texts))
        request = models.CreateLayerVersionRequest(code=code, description="made by a test", compatible_runtime=["python3"])
        return self.client.create_layer_version(name, request).body

    def layer_name(self, name):
        return f"{name}-{self.service}"

    def test_functions_see_layers_in_their_order(self):
        first = self.make_layer(self.layer_name("first"), **{"both.txt": "first", "first.txt": "1", "python/tool.py": "WHO = 'first'\n"})
        second = self.make_layer(self.layer_name("second"), **{"both.txt": "second", "second.txt": "2", "python/tool.py": "WHO = 'second'\n"})
        code = models.Code(zip_file=cloud.zip_of(**{"index.py": HANDLER}))
        create = models.CreateFunctionRequest(
            function_name="layered", runtime="python3", handler="index.handler", code=code, layers=[first.arn, second.arn], memory_size=128
        )
        made = self.client.create_function(self.service, create).body
        self.assertEqual((made.layers, made.layers_arn_v2), ([first.arn, second.arn], [first.arn, second.arn]))
        told = json.loads(self.invoke("layered", b"").body)
        self.assertEqual(told, {"tool": "first", "both": "first", "first": "1", "second": "2"})
        self.client.update_function(self.service, "layered", models.UpdateFunctionRequest(layers=[second.arn, first.arn]))
        told = json.loads(self.invoke("layered", b"").body)
        self.assertEqual(told, {"tool": "second", "both": "second", "first": "1", "second": "2"})
        # What a function has, it keeps, also where it is started anew.
        self.client.delete_layer_version(self.layer_name("second"), str(second.version))
        self.client.update_function(self.service, "layered", models.UpdateFunctionRequest(description="another"))
        self.assertEqual(json.loads(self.invoke("layered", b"").body)["tool"], "second")
        with self.refused(404, "LayerVersionNotFound"):
            self.client.update_function(self.service, "layered", models.UpdateFunctionRequest(layers=[first.arn.replace("versions/1", "versions/9")]))

    def test_versions_are_numbered_listed_and_deleted(self):
        name = self.layer_name("listed")
        versions = [self.make_layer(name, **{"a.txt": str(number)}).version for number in (1, 2, 3)]
        self.assertEqual(versions, [1, 2, 3])
        page = self.client.list_layer_versions(name, models.ListLayerVersionsRequest(limit=2)).body
        self.assertEqual(([layer.version for layer in page.layers], page.next_version), ([1, 2], 3))
        found = self.client.get_layer_version(name, "2").body
        self.assertEqual((found.layer_name, found.version, found.description, found.compatible_runtime), (name, 2, "made by a test", ["python3"]))
        self.assertTrue(found.code.location.startswith("http://"))
        listed = self.client.list_layers(models.ListLayersRequest(prefix=name)).body.layers
        self.assertEqual([(layer.layer_name, layer.version) for layer in listed], [(name, 3)])
        self.client.put_layer_acl(name, models.PutLayerACLRequest(public="true"))
        self.assertEqual(self.client.get_layer_version(name, "2").body.acl, "1")
        self.assertEqual(self.client.delete_layer_version(name, "3").status_code, 204)
        with self.refused(404, "LayerVersionNotFound"):
            self.client.get_layer_version(name, "3")
        self.assertEqual(self.make_layer(name, **{"a.txt": "4"}).version, 4)
