/** What every run of the system begins with, whatever runs its containers. */
import type { NatsPermissions } from "../../../dagger/src/emit/nats-conf.ts";
import type { SystemSpec } from "../../../dagger/src/spec/service-spec.ts";
import { readPermissions, readSystem } from "../../shared/read-system.ts";
import { type MessagesApi, startMessagesApi } from "../messages-api/server.ts";
import { createKeys, type Keys } from "./keys.ts";
import type { Settings } from "./settings.ts";

/** Specs, keys, and the stand-in of the Messages API, which runs. */
export interface PreparedRun {
  specs: SystemSpec;
  permissions: NatsPermissions;
  keys: Keys;
  api: MessagesApi;
}

/** Reads the specs, makes new keys and starts the stand-in. */
export async function prepareRun({ root }: Settings): Promise<PreparedRun> {
  const permissions = readPermissions(root);
  return {
    specs: readSystem(root),
    permissions,
    keys: await createKeys(Object.keys(permissions.roles)),
    api: await startMessagesApi(0, "0.0.0.0"),
  };
}
