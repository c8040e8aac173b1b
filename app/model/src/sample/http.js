'use strict';

// req has method, path, queries, headers and body; resp is the answer.
exports.handler = (req, resp, context) => {
  context.logger.info(`hello from ${context.function.name}, request ${context.requestId}`);
  console.log(`${req.method} ${req.path}`);
  resp.setStatusCode(200);
  resp.setHeader('content-type', 'text/plain; charset=utf-8');
  resp.send('hello world\n');
};
