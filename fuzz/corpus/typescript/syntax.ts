import type { A } from './a'; import fs = require('fs'); export = x; export as namespace y;
enum E { A = 1 << 2, B = `x`, C = A | B, ['d'] } declare module 'm' { } namespace N.M { export const x = E.A; }
abstract class C<in out T extends keyof C<T> = any> implements I { constructor(private readonly a?: T, public b = a!) { super(); } abstract m(this: C, ...r: unknown[]): asserts a is T; [k: string]: any; declare z: number; override f<T>() { } }
type T = { readonly [K in keyof A as `x${K}`]-?: A[K] extends infer U ? U : never } & typeof import('./a');
function f(x: string): void; function f(x?: any) { return <any>x satisfies T as const; }
@d() export default class D { @p x!: string; @m(1) async *n(@a b: c) { } }
let u: unique symbol, v = <T,>(x: T) => x, w = a! as unknown as { b: [c?: d, ...e: f[]] };
export const handler: Handler<A> = async ({ a }: B) => { using r = await import(a); for await (const x of y!) z?.[x]!(); };
