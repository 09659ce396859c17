import { expect, test } from "vitest";
import { selectAcquireSettings, selectSuite } from "../apt-sources.ts";

const DEBIAN = `Types: deb
# a comment
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.invalid/security
Suites: bookworm-security
Components: main
`;
const VENDOR = "Types: deb\nURIs: https://vendor.invalid\nSuites: nodistro\nComponents: main\n";

test("both stanzas of the suite are kept, without comments", () => {
  const [file, ...others] = selectSuite([{ name: "debian.sources", text: DEBIAN }], "bookworm");
  expect(others).toEqual([]);
  expect(file?.text.match(/^URIs:.*$/gm)).toHaveLength(2);
  expect(file?.text).not.toContain("#");
});

test("a vendor's repository is left out, in either format", () => {
  const line =
    "deb https://vendor.invalid/apt cloud-sdk-bookworm main\ndeb http://mirror.invalid/debian bookworm main\n";
  const kept = selectSuite(
    [
      { name: "vendor.sources", text: VENDOR },
      { name: "sources.list", text: line },
    ],
    "bookworm",
  );
  expect(kept).toEqual([{ name: "sources.list", text: "deb http://mirror.invalid/debian bookworm main\n" }]);
});

test("options of a line, sources and disabled stanzas", () => {
  const list =
    "deb [arch=amd64 signed-by=/k.gpg] http://mirror.invalid bookworm main\ndeb-src http://mirror.invalid bookworm main\n";
  const off = `Enabled: no\n${VENDOR.replace("nodistro", "bookworm")}`;
  const files = [
    { name: "a.list", text: list },
    { name: "off.sources", text: off },
  ];
  expect(selectSuite(files, "bookworm")).toEqual([{ name: "a.list", text: `${list.split("\n")[0]}\n` }]);
});

test("a machine without the suite is refused with code and next step", () => {
  const select = () => selectSuite([{ name: "debian.sources", text: DEBIAN }], "trixie");
  expect(select).toThrow(/^MS-BASE-004 no apt source of trixie among debian\.sources\. Next: /);
});

test("only the settings that reach or accept a mirror are taken over", () => {
  const dump = `Acquire "";
Acquire::Check-Valid-Until "false";
Acquire::http::Proxy "http://proxy.invalid:3128";
Acquire::Retries "";
Acquire::cdrom::mount "/media/cdrom/";
`;
  expect(selectAcquireSettings(dump)).toBe(
    'Acquire::Check-Valid-Until "false";\nAcquire::http::Proxy "http://proxy.invalid:3128";\n',
  );
});
