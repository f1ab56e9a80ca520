export const main = async () => ({});
