const C = <T,>({ x, ...p }: { x: T }) => <><A.B {...p} k={<b>&nbsp;{...x}</b>} d-e="f" />{/* c */}{x ? <C x={x} /> : null}</>;
export const handler = async () => <C x={<C x={1}>text {`a${1}`}</C>}></C>;
