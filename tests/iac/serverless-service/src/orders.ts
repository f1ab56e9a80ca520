export const create = async () => {};
