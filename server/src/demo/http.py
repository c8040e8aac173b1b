def handler(environ, start_response):
    """Greets whom the query names: ?name=you."""
    pairs = [pair.partition("=") for pair in environ["QUERY_STRING"].split("&")]
    name = next((value for key, _, value in pairs if key == "name" and value), "world")
    print("hello %s" % name)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [("hello %s\n" % name).encode()]
