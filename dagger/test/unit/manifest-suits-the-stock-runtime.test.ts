/** The module's own files in the form that Dagger's stock TypeScript runtime takes: it edits and installs them at each call. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { repoText } from "./support/repo.ts";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
}
interface Lock {
  lockfileVersion: number;
  packages: Record<string, { dev?: boolean; dependencies?: Record<string, string> }>;
}
const manifest = JSON.parse(repoText("dagger/package.json")) as Manifest;
const lock = JSON.parse(repoText("dagger/package-lock.json")) as Lock;

describe("dagger/package.json", () => {
  it("has TypeScript where it is installed without development packages: the runtime reads the sources with it", () => {
    expect(manifest.dependencies).toHaveProperty("typescript");
    expect(manifest.devDependencies).toBeUndefined();
  });

  it("gives TypeScript as a range: over exactly its own version the runtime mounts a copy, which npm cannot replace", () => {
    expect(manifest.dependencies.typescript).toMatch(/^[~^]\d+\.\d+\.\d+$/);
  });

  it.each(["@dagger.io/dagger", "tsx"])("leaves %s to the runtime", (name) => {
    expect(manifest.dependencies).not.toHaveProperty(name);
  });

  it("agrees with its lock", () => {
    expect(lock.packages[""]?.dependencies).toEqual(manifest.dependencies);
    const dev = Object.entries(lock.packages).filter(([, entry]) => entry.dev);
    expect(dev.map(([path]) => path)).toEqual([]);
  });
});

it("`dagger develop` finds nothing to add to dagger/.gitignore", () => {
  const lines = repoText("dagger/.gitignore").split("\n");
  expect(lines).toEqual(
    expect.arrayContaining(["/sdk", "/**/node_modules/**", "/**/.pnpm-store/**", "/.env"]),
  );
});

it("no function takes or gives a type of an npm package: the runtime looks for types in the sources and the API only", () => {
  const folder = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files.flatMap((file) => foreignTypes(file, repoText(`dagger/src/${file}`)))).toEqual([]);
});

/** `file: type` of every type of an npm package in the signatures of decorated functions and constructors. */
function foreignTypes(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const foreign = new Set(source.statements.filter(ts.isImportDeclaration).flatMap(namesOfPackages));
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && foreign.has(node.typeName.getText()))
      found.push(`${file}: ${node.getText()}`);
    node.forEachChild(look);
  };
  for (const statement of source.statements.filter(ts.isClassDeclaration)) {
    if (!ts.getDecorators(statement)?.length) continue;
    for (const member of statement.members) {
      if (!ts.isConstructorDeclaration(member) && !ts.isMethodDeclaration(member)) continue;
      if (ts.isMethodDeclaration(member) && !ts.getDecorators(member)?.length) continue;
      for (const part of [...member.parameters, member.type]) if (part) look(part);
    }
  }
  return found;
}

function namesOfPackages({ moduleSpecifier, importClause }: ts.ImportDeclaration): string[] {
  const from = (moduleSpecifier as ts.StringLiteral).text;
  if (from.startsWith(".") || from.startsWith("@dagger.io/dagger")) return [];
  const bindings = importClause?.namedBindings;
  return bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
}
