package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"dagger/typescript-sdk/internal/dagger"
)

const (
	// The version that the runtime brings, and gives to modules that name none.
	typescriptVersion = "5.9.3"
	sdkPackage        = "@dagger.io/dagger"
)

// manifest is the package.json of a module as the runtime installs it.
type manifest struct {
	text             string
	image            string
	hasOwnTypescript bool
}

// readManifest edits package.json as the stock runtime does: TypeScript becomes a dependency unless it is one, the SDK is
// none, for the runtime brings it. Among the devDependencies TypeScript stays what it is, and npm leaves it out.
func readManifest(ctx context.Context, source *dagger.Directory) (manifest, error) {
	var raw map[string]any
	if err := readJSON(ctx, source, "package.json", &raw); err != nil {
		return manifest{}, fmt.Errorf("package.json of the module: %w", err)
	}
	// Without it the stock runtime takes another package manager.
	if _, err := source.File("package-lock.json").Sync(ctx); err != nil {
		return manifest{}, fmt.Errorf("package-lock.json of the module: %w", err)
	}
	settings, _ := raw["dagger"].(map[string]any)
	runtime, _ := settings["runtime"].(string)
	name, version, _ := strings.Cut(runtime, "@")
	if name != "node" || version == "" {
		return manifest{}, fmt.Errorf(`package.json of the module: dagger.runtime is %q; give node with a version, for example "node@24"`, runtime)
	}
	dependencies, _ := raw["dependencies"].(map[string]any)
	if dependencies == nil {
		dependencies = map[string]any{}
	}
	typescript, isGiven := dependencies["typescript"]
	if !isGiven {
		dependencies["typescript"] = typescriptVersion
	}
	delete(dependencies, sdkPackage)
	raw["dependencies"] = dependencies
	raw["type"] = "module"
	text, err := json.MarshalIndent(raw, "", "  ")
	return manifest{
		text:             string(text),
		image:            fmt.Sprintf("node:%s-alpine", version),
		hasOwnTypescript: typescript == typescriptVersion,
	}, err
}

// readTsconfig sets what the stock runtime sets, whatever the module's tsconfig.json says.
func readTsconfig(ctx context.Context, source *dagger.Directory) (string, error) {
	var raw map[string]any
	if err := readJSON(ctx, source, "tsconfig.json", &raw); err != nil {
		return "", fmt.Errorf("tsconfig.json of the module: %w", err)
	}
	options, _ := raw["compilerOptions"].(map[string]any)
	if options == nil {
		options = map[string]any{}
	}
	paths, _ := options["paths"].(map[string]any)
	if paths == nil {
		paths = map[string]any{}
	}
	paths[sdkPackage] = []string{"./sdk/index.ts"}
	paths[sdkPackage+"/telemetry"] = []string{"./sdk/telemetry.ts"}
	options["paths"] = paths
	options["experimentalDecorators"] = true
	raw["compilerOptions"] = options
	text, err := json.MarshalIndent(raw, "", "  ")
	return string(text), err
}
