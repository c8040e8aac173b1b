import logging


def handler(environ, start_response):
    """A WSGI application: environ is the request, what is returned is the body of the answer."""
    context = environ["fc.context"]
    logging.getLogger().info("hello from %s, request %s", context.function.name, context.request_id)
    print("%s %s" % (environ["REQUEST_METHOD"], environ["fc.request_uri"]))
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"hello world\n"]
