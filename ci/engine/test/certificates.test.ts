import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { extraCertificates, writeCertificates } from "../certificates.ts";

const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;

describe("the machine's own certificates", () => {
  it("are those that Debian does not bring, each once, whatever the line ends", () => {
    const trusted = [`# one\r\n${pem("a").replaceAll("\n", "\r\n")}\r\n${pem("own")}`, pem("own")];
    expect(extraCertificates(trusted, [pem("a"), pem("b")])).toEqual([pem("own")]);
  });

  it("are the only files of their folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "certificates-"));
    writeFileSync(join(folder, "old.crt"), "old");
    writeCertificates(folder, [pem("a"), pem("b")]);
    const names = readdirSync(folder);
    expect(names).toHaveLength(2);
    expect(names.every((name) => /^host-[0-9a-f]{12}\.crt$/.test(name))).toBe(true);
    const texts = names.map((name) => readFileSync(join(folder, name), "utf8")).sort();
    expect(texts).toEqual([`${pem("a")}\n`, `${pem("b")}\n`]);
    rmSync(folder, { recursive: true });
  });
});
