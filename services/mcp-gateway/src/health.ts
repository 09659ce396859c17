// `health [--ready]`: the container's health command; needs neither shell nor curl.
import { get } from "node:http";

/** Below the health timeout of service.yaml, so that the reason is told and not only the time. */
const TIMEOUT_MS = 2_000;

/** Asks the gateway on this host; the answer's body when it is good, else an error saying what was wrong. */
export function askHealth(port: number, ready: boolean): Promise<string> {
  const path = ready ? "/health/ready" : "/health/live";
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, timeout: TIMEOUT_MS }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${path} answers ${response.statusCode} ${body}`));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    request.on("error", (error) => reject(new Error(`port ${port}: ${error.message}`)));
  });
}
