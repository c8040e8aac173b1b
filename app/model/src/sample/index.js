'use strict';

// event is a Buffer; what is passed to callback becomes the return value of the task.
exports.handler = (event, context, callback) => {
  context.logger.info(`hello from ${context.function.name}, request ${context.requestId}`);
  console.log(`event: ${event.toString()}`);
  callback(null, 'hello world');
};
