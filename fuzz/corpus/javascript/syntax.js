import d, * as n from './app.js'; export { d as default, n as 'x y' }; export * as q from './app.js';
a: for (let [x = 1, , { y: { z }, ...r }] of await w) { if (x) continue a; else break a; switch (x) { case 1: default: { } case y: } }
const t = tag`a${`b${c}`}` ?? (x?.y?.[z]?.(...r), new.target, import.meta, /re[/]/g, 1n, async x => { yield; }, function* () { yield* g(); });
({ a, b: c = 1, ...d } = e, [f, ...g] = h, i **= j, k ||= l, delete m.n, void typeof o);
class C extends (class {}) { static async *[Symbol.iterator]() { } static { } accessor = 1; 'quoted'() { } set s(v) { } }
label: { try { throw 1 } catch { } finally { } } do ; while (0); with (a) b; if (c) ; else
exports.handler = (
