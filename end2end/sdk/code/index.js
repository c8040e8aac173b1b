// Handlers that the tests call.
exports.echo = (event, context, callback) => {
  console.log(`echo says ${event}`);
  callback(null, event);
};

exports.bytes = (event, context, callback) => callback(null, Buffer.from([0, 255, 10]));

exports.reject = (event, context, callback) => callback(new Error('no luck today'));

exports.crash = () => {
  throw new TypeError('not handled');
};

// An HTTP function: fails, gives a body back, or tells what it was asked, by the path's end.
exports.web = (request, response, context) => {
  if (request.path.endsWith('/fail')) throw new TypeError('no page today');
  if (request.path.endsWith('/echo')) return response.send(request.body);
  response.setStatusCode(201);
  response.setHeader('content-type', 'text/plain');
  const { method, path, queries } = request;
  return response.send(JSON.stringify({ method, path, queries, body: String(request.body), request: context.requestId }));
};
