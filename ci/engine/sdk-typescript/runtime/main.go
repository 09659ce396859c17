// The runtime of TypeScript modules on a host without a container registry: the same module form and the same behaviour
// as the stock runtime, on base images that can be built from package registries.
package main

import (
	"context"
	"path"

	"dagger/typescript-sdk/internal/dagger"
)

const (
	contextPath    = "/src"
	entrypointName = "__dagger.entrypoint.ts"
	clientName     = "client.gen.ts"
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
	manifests := dag.Directory().WithDirectory("/", source, dagger.DirectoryWithDirectoryOpts{
		Include: []string{"package.json", "package-lock.json", ".npmrc"},
	})
	return dag.Container().
		From("node:24-bookworm-slim").
		WithEnvVariable("NODE_OPTIONS", "--use-openssl-ca").
		WithMountedCache("/root/.npm", dag.CacheVolume("mistersmith-sdk-npm")).
		WithDirectory(home, manifests).
		WithWorkdir(home).
		WithExec([]string{"npm", "ci", "--omit=dev", "--no-audit", "--no-fund"}).
		WithoutMount("/root/.npm").
		WithDirectory("/node_modules", t.SDKSourceDir.Directory("sdk/node_modules")).
		WithFile(path.Join(home, clientName), t.SDKSourceDir.File("sdk/"+clientName)).
		WithFile(path.Join(home, entrypointName), t.SDKSourceDir.File("sdk/entrypoint.ts")).
		// tsx applies the options to the files below the tsconfig only, so it lies at the root.
		WithFile("/tsconfig.json", t.SDKSourceDir.File("sdk/tsconfig.json")).
		WithDirectory(home, source, dagger.ContainerWithDirectoryOpts{Exclude: []string{"node_modules", "sdk"}}).
		WithEntrypoint([]string{
			"/node_modules/.bin/tsx", "--no-deprecation", "--tsconfig", "/tsconfig.json", path.Join(home, entrypointName),
		}), nil
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
