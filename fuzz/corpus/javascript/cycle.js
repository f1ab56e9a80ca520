const self = require('./app'); const { S3 } = require('@aws-sdk/client-s3');
exports.exports = exports; module.exports = { ...exports, module, self };
class A extends A { #x = this; static a = new A(); constructor() { super(...arguments); this.a = this; } get b() { return this.b; } }
const o = { o() { return o; }, get p() { return this.p; }, [exports]: exports }; o.o.o = o; o.__proto__ = o;
function f(x) { f.f = f; return f.bind(f)(f.call(f, ...[f, f].map(f))); }
exports.handler = async function handler(e) {
  for (const k in o) { o = { ...o, o }; }
  await Promise.all([handler(e), new S3(o).getObject(o)]).then(handler, handler);
};
