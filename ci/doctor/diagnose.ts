/** Looks at the whole machine. Nothing is changed, and no program is waited for without a limit. */
import { homedir, hostname } from "node:os";
import { daemonState } from "../engine/docker-daemon.ts";
import { hostProbe } from "../engine/probe-host.ts";
import { versions } from "../engine/versions.ts";
import { diskFacts, diskFinding } from "./disk.ts";
import { dockerFacts, dockerFinding } from "./docker.ts";
import { engineFacts, engineFindings } from "./engine.ts";
import { type Diagnosis, diagnosisOf, type Finding } from "./finding.ts";
import { kernelFacts, kernelFindings } from "./kernel.ts";
import { authoritiesFinding, proxyFinding } from "./network.ts";
import { redact } from "./redact.ts";
import { rightsFacts, rightsFinding } from "./rights.ts";
import { systemFacts, systemFindings } from "./system.ts";
import { toolFacts, toolsFinding } from "./tools.ts";

/** What there is to say about this machine, without secrets. */
export async function diagnose(): Promise<Diagnosis> {
  const docker = await dockerFacts(daemonState());
  const disks = part("disk", () => {
    const isHere = docker.info.OperatingSystem?.includes("Docker Desktop") !== true;
    return diskFacts(isHere ? docker.info.DockerRootDir : undefined).map((facts, index) =>
      diskFinding(facts, index === 0),
    );
  });
  const wanted = versions.engine.dagger;
  const parts = await Promise.all([
    part("system", () => systemFindings(systemFacts())),
    part("rights", async () => [rightsFinding(await rightsFacts())]),
    part("kernel", () => kernelFindings(kernelFacts())),
    disks,
    part("proxy", () => [proxyFinding(process.env)]),
    part("authorities", () => [authoritiesFinding()]),
    part("programs", async () => [toolsFinding(await toolFacts())]),
    part("Docker", () => [dockerFinding(docker)]),
    part("engine", async () =>
      engineFindings(await engineFacts({ ...hostProbe, docker: async () => docker.daemon }, wanted), wanted),
    ),
  ]);
  const secrets = { home: homedir(), host: hostname(), env: process.env };
  return diagnosisOf(parts.flat().map((finding) => cleaned(finding, (text) => redact(text, secrets))));
}

/** A part that cannot be looked at is said, and hides no other. */
async function part(subject: string, look: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [
      { subject, found: `cannot be looked at: ${error instanceof Error ? error.message : String(error)}` },
    ];
  }
}

function cleaned(finding: Finding, clean: (text: string) => string): Finding {
  const texts = Object.entries(finding).map(([key, text]) => [key, clean(String(text)).replace(/\s+/g, " ")]);
  return Object.fromEntries(texts) as unknown as Finding;
}
