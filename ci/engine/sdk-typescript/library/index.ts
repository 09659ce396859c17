// What a module may import from "@dagger.io/dagger": the names that the stock runtime's bundle has, and no more.

export * from "./client.js";
export type { CallbackFct, ConnectOpts } from "./core.js";
export {
  argument,
  Context,
  check,
  connect,
  connection,
  entrypoint,
  enumType,
  field,
  func,
  object,
} from "./core.js";
