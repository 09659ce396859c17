export * from "./types/api/client.gen.js";
