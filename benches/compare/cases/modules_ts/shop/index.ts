export * from "./catalog";
export { viewed } from "./views";
