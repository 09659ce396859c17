// The runtime of TypeScript modules on a host without a container registry: it takes the same form of module as the stock
// runtime of this Dagger version and refuses what that one refuses, on base images that package registries can give.
package main

import (
	"context"
	"encoding/json"
	"path"

	"dagger/typescript-sdk/internal/dagger"
)

const (
	contextPath = "/src"
	programs    = "/usr/local/lib/node_modules"
	// The stock runtime installs this npm over the image's own.
	npmVersion     = "10.9.0"
	entrypointName = "__dagger.entrypoint.ts"
	// Where modules find the SDK: by the paths of their tsconfig.json, and as a package.
	libraryName = "sdk"
	packageName = "node_modules/@dagger.io/dagger"
)

// TypescriptSdk runs modules whose dagger.json says `"sdk": {"source": "typescript"}`.
type TypescriptSdk struct {
	SDKSourceDir *dagger.Directory // +private
}

func New(sdkSourceDir *dagger.Directory) *TypescriptSdk {
	return &TypescriptSdk{SDKSourceDir: sdkSourceDir}
}

// ModuleRuntime returns the container whose entrypoint answers one function call.
func (t *TypescriptSdk) ModuleRuntime(ctx context.Context, modSource *dagger.ModuleSource, introspectionJson *dagger.File) (*dagger.Container, error) {
	subpath, err := modSource.SourceSubpath(ctx)
	if err != nil {
		return nil, err
	}
	source := modSource.ContextDirectory().Directory(subpath)
	home := path.Join(contextPath, subpath)
	module, err := readManifest(ctx, source)
	if err != nil {
		return nil, err
	}
	tsconfig, err := readTsconfig(ctx, source)
	if err != nil {
		return nil, err
	}
	library := t.SDKSourceDir.Directory("library")
	return t.withDependencies(t.node(module.image).WithWorkdir(home), source, module).
		WithMountedDirectory(libraryName, library).
		WithMountedDirectory(packageName, library).
		WithNewFile("tsconfig.json", tsconfig).
		WithDirectory(".", source, dagger.ContainerWithDirectoryOpts{Exclude: []string{
			"node_modules", libraryName, "package.json", "package-lock.json", "tsconfig.json", ".npmrc",
		}}).
		WithFile(entrypointName, t.SDKSourceDir.File("entrypoint.ts")).
		WithEntrypoint([]string{
			"tsx", "--no-deprecation", "--tsconfig", path.Join(home, "tsconfig.json"), path.Join(home, entrypointName),
		}), nil
}

// node is the image that the module asks for, with the host's certificates and the program that runs TypeScript.
func (t *TypescriptSdk) node(image string) *dagger.Container {
	return dag.Container().
		From(image).
		WithExec([]string{"apk", "add", "ca-certificates"}).
		WithEnvVariable("NODE_OPTIONS", "--use-openssl-ca").
		WithMountedCache("/root/.npm", dag.CacheVolume("mistersmith-sdk-npm")).
		WithExec([]string{"npm", "install", "--global", "--no-audit", "--no-fund", "npm@" + npmVersion}).
		WithDirectory(programs, t.SDKSourceDir.Directory("programs")).
		WithExec([]string{"ln", "-s", programs + "/tsx/dist/cli.mjs", "/usr/local/bin/tsx"})
}

// withDependencies installs what the module depends on, and nothing that it needs for its development only. TypeScript in
// exactly the runtime's own version is mounted; as in the stock runtime, npm cannot put another copy over that mount.
func (t *TypescriptSdk) withDependencies(container *dagger.Container, source *dagger.Directory, module manifest) *dagger.Container {
	if module.hasOwnTypescript {
		container = container.WithMountedDirectory("node_modules/typescript", t.SDKSourceDir.Directory("typescript"))
	}
	return container.
		WithNewFile("package.json", module.text).
		WithDirectory(".", source, dagger.ContainerWithDirectoryOpts{Include: []string{"package-lock.json", ".npmrc"}}).
		WithExec([]string{"npm", "install", "--omit=dev"}).
		WithoutMount("/root/.npm")
}

// Codegen returns the module as it is: editors get the SDK from the npm package.
func (t *TypescriptSdk) Codegen(ctx context.Context, modSource *dagger.ModuleSource, introspectionJson *dagger.File) (*dagger.GeneratedCode, error) {
	subpath, err := modSource.SourceSubpath(ctx)
	if err != nil {
		return nil, err
	}
	code := dag.Directory().WithDirectory(subpath, modSource.ContextDirectory().Directory(subpath))
	return dag.GeneratedCode(code), nil
}

// readJSON reads a file of the module that has to be a JSON object.
func readJSON(ctx context.Context, source *dagger.Directory, name string, into any) error {
	text, err := source.File(name).Contents(ctx)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), into)
}
