/** Where the images come from: what is in them, what proves it, and what they must not hold. */
import { type Directory, type File, func, object, type Secret } from "@dagger.io/dagger";
import { attestImages, verifyImages } from "../adapters/attestation-run.ts";
import { buildAll } from "../adapters/build-images.ts";
import { currentDay } from "../adapters/current-day.ts";
import { findCanary } from "../adapters/find-canary.ts";
import { licencesRun, lintRun, scanRun } from "../adapters/image-gates.ts";
import { makeSboms, sbomDirectory } from "../adapters/make-sbom.ts";
import { newNonce } from "../adapters/nonce.ts";
import { Project } from "../adapters/project.ts";
import { databaseSource } from "../adapters/scan-vulnerabilities.ts";
import { supplyChainTests } from "../adapters/supply-chain-tests.ts";
import type { Commit } from "../spec/commit.ts";
import { parsePlatforms, publishedByDefault } from "../spec/platform.ts";
import { LOCAL_BUILDER } from "../supply-chain/build-origin.ts";
import { signerOf, verifierOf } from "../supply-chain/signing.ts";
import { given } from "../text/given.ts";

/** Bills of materials, scans, licences, lint, attestations and their verification. */
@object()
export class SupplyChain {
  source: Directory;
  commit: string;

  constructor(source: Directory, commit: Commit) {
    this.source = source;
    this.commit = JSON.stringify(commit);
  }

  /** Gives one SPDX document per image. The same image gives the same document. */
  @func()
  async sbom(): Promise<Directory> {
    const project = await this.project();
    return sbomDirectory(await makeSboms(project, await buildAll(project)));
  }

  /**
   * Looks up what the images are made of and keeps ci/policies/vulnerabilities.yaml.
   *
   * Fails with MS-SUPPLY-003 for a vulnerability that the policy refuses, MS-SUPPLY-004 without a database. Never
   * cached: ignore entries end at a date.
   */
  @func({ cache: "never" })
  async scan(
    /** Database: one directory per ecosystem (crates.io, npm, Debian, Go) with its all.zip of OSV records. */
    database?: Directory,
    /** Let the scanner download the database. */
    download: boolean = false,
    /** Day for which the policy is judged, YYYY-MM-DD; without it today. */
    today?: string,
  ): Promise<string> {
    const source = databaseSource(database, download, newNonce());
    return scanRun(await this.project(), source, today ?? currentDay());
  }

  /** Gives a list of licences per image as markdown; fails with MS-SUPPLY-006 for one that the policy refuses. */
  @func()
  async licences(): Promise<Directory> {
    return licencesRun(await this.project());
  }

  /** Checks users, setuid files, secrets, caches, shells, entrypoints, labels and layers of all images. */
  @func()
  async lint(): Promise<string> {
    return lintRun(await this.project());
  }

  /**
   * Attaches SBOM and provenance to published images as OCI referrers, and signs all three when a key is given.
   *
   * What is attached and signed already stays as it is. Never cached.
   */
  @func({ cache: "never" })
  async attest(
    /** Commit that was built, 40 hex digits. */
    revision: string,
    /** Address of the repository, for example https://github.com/OWNER/REPO. */
    sourceUrl: string,
    /** The registry inside the graph. */
    local: boolean = false,
    /** Registry with an optional prefix. */
    address?: string,
    /** User name of the registry; AWS for ECR. */
    username?: string,
    /** Password or token of the registry. */
    password?: Secret,
    /** Certificate of the registry's own authority, PEM. */
    ca?: File,
    /** The registry speaks plain http. */
    insecure: boolean = false,
    /** Private key of cosign, for example file:cosign.key. */
    key?: Secret,
    /** Password of the key. */
    keyPassword?: Secret,
    /** Identity token for signing without a key; needs the public services of sigstore. */
    identityToken?: Secret,
    /** URI of who builds; a CI names its workflow; without it this machine. */
    builder?: string,
    /** Platform of the images, which must be the engine's own. Without it linux/amd64, with --local the engine's. */
    platform?: string,
  ): Promise<string> {
    const signer = signerOf(given({ key, keyPassword, identityToken }));
    const registry = { local, ...given({ address, username, password, ca, insecure }) };
    const origin = { revision, source: sourceUrl, builder: builder ?? LOCAL_BUILDER };
    return attestImages(await this.published(local, platform), registry, origin, signer);
  }

  /**
   * Checks what a registry holds: the digest under the tag, the content, the signature, SBOM and provenance.
   *
   * Fails with MS-SUPPLY-010 for other content, -007 for a missing or other signature, -008 for a missing attestation,
   * -009 for another origin. Never cached.
   */
  @func({ cache: "never" })
  async verify(
    /** images.json of the publication; without it the images are built and their digests are taken. */
    images?: File,
    /** Tag that must name these images. */
    tag: string = "latest",
    /** The registry inside the graph. */
    local: boolean = false,
    /** Registry with an optional prefix. */
    address?: string,
    /** User name of the registry; AWS for ECR. */
    username?: string,
    /** Password or token of the registry. */
    password?: Secret,
    /** Certificate of the registry's own authority, PEM. */
    ca?: File,
    /** The registry speaks plain http. */
    insecure: boolean = false,
    /** Public key of cosign. */
    publicKey?: File,
    /** Identity of a keyless signature. */
    certificateIdentity?: string,
    /** Issuer of that identity. */
    certificateIssuer?: string,
    /** Commit that the provenance must name. */
    revision?: string,
    /** Repository that the provenance must name. */
    sourceUrl?: string,
    /** Builder that the provenance must name. */
    builder?: string,
    /** Platform that is built without --images. Without it linux/amd64, with --local the engine's. */
    platform?: string,
  ): Promise<string> {
    const verifier = verifierOf(given({ publicKey, certificateIdentity, certificateIssuer }));
    const registry = { local, ...given({ address, username, password, ca, insecure }) };
    const origin = given({ revision, source: sourceUrl, builder });
    const project = await this.published(local, platform);
    return verifyImages(project, registry, { ...given({ images }), tag, origin }, verifier);
  }

  /**
   * Builds an image while a secret lies in the environment of every step, and fails with MS-SUPPLY-011 when any of it
   * is left in a layer, the configuration, the history or a log. Never cached.
   */
  @func({ cache: "never" })
  async canary(
    /** supervisor, claude-worker, mcp-gateway or tools. */
    image: string = "mcp-gateway",
    /** The secret, to look for it in your own logs; without it one is made. */
    value?: Secret,
    /** Let a step write it into the image, to see that it is found. */
    leak: boolean = false,
  ): Promise<string> {
    return findCanary(await this.project(), image, { ...given({ value }), leak });
  }

  /** Runs the real generator, scanner and signer on small images with planted faults, as `test` does. Never cached. */
  @func({ cache: "never" })
  async tests(): Promise<string> {
    return supplyChainTests(await this.project(), newNonce());
  }

  // The project of the images that a registry holds.
  private async published(local: boolean, platform: string | undefined): Promise<Project> {
    const project = await this.project();
    const names = platform ? [platform] : [];
    const [wanted = project.engine] = parsePlatforms(names, publishedByDefault(local, project.engine));
    return project.onPlatform(wanted);
  }

  private project(): Promise<Project> {
    return Project.load(this.source, JSON.parse(this.commit) as Commit);
  }
}
