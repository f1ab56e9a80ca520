const folder = (context: string) => context.split(process.cwd())[1].substring(1).replace(/\\/g, '/');

export default {
  handler: `${folder(__dirname)}/handler.main`,
  events: [{ http: { method: 'post', path: 'hello' } }],
};
