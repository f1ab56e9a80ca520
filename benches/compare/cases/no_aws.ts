// No AWS in it: names that services have, too.
// needs-nothing
interface Store {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  send(message: string): Promise<void>;
}

const memory = new Map<string, string>();

const store: Store = {
  get: async (key) => memory.get(key),
  put: async (key, value) => void memory.set(key, value),
  send: async () => undefined,
};

export const handler = async (event: { key: string }) => {
  await store.put(event.key, "1");
  await store.send(event.key);
  return store.get(event.key);
};
