/** Which image may not be given to everybody, and how we tell that a registry does. */
import { PipelineError } from "../errors.ts";

/** Images that hold a program whose terms forbid to pass it on, and whose terms these are. */
const RESTRICTED: Readonly<Record<string, string>> = {
  "claude-worker": "the Claude CLI (all rights reserved by Anthropic; installed by its builder for own use)",
};

/** Where an image goes. */
export interface PublishedTo {
  kind: "local" | "registry" | "ecr";
  /** Host with an optional prefix. */
  address?: string;
}

/** ECR of an account is private; its public gallery, and every other registry that we know nothing about, is not. */
const PUBLIC_GALLERY = /(^|\.)ecr\.aws$/;
const PRIVATE_HOSTS = [
  /(^|\.)amazonaws\.com(\.cn)?$/,
  /^localhost$/,
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /\.(local|internal|lan)$/,
];

/**
 * Whether publishing an image there needs the caller's explicit word: it holds a program that must not be
 * redistributed, and the registry may be public. What cannot be told is taken for public.
 */
export function needsConsent(target: PublishedTo, image: string): boolean {
  return image in RESTRICTED && mayBePublic(target);
}

/** An image that may not go where it was sent, and why. */
export interface MissingConsent {
  image: string;
  reason: string;
}

/** Images that need the caller's word; none when it was given. */
export function missingConsent(
  target: PublishedTo,
  images: readonly string[],
  consent: boolean,
): MissingConsent[] {
  if (consent) return [];
  return images
    .filter((image) => needsConsent(target, image))
    .map((image) => ({ image, reason: `${image} holds ${RESTRICTED[image]}` }));
}

/**
 * Refuses to publish restricted images without consent.
 *
 * @throws PipelineError MS-SUPPLY-012
 */
export function refuseWithoutConsent(target: PublishedTo, images: readonly string[], consent: boolean): void {
  const missing = missingConsent(target, images, consent);
  if (missing.length === 0) return;
  const what = missing.map(({ reason }) => reason).join("; ");
  throw new PipelineError("MS-SUPPLY-012", `${target.address ?? target.kind} may be public, and ${what}`);
}

function mayBePublic({ kind, address }: PublishedTo): boolean {
  if (kind === "local") return false;
  if (kind === "ecr" && address === undefined) return false;
  const host = (address ?? "").split("/")[0]?.replace(/:\d+$/, "") ?? "";
  if (PUBLIC_GALLERY.test(host)) return true;
  // A name without a dot is known in a private network only.
  return host.includes(".") && !PRIVATE_HOSTS.some((pattern) => pattern.test(host));
}
