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
