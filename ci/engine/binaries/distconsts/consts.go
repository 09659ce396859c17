// Package distconsts holds the places and names that the engine, its image and its SDKs agree on.
package distconsts

const (
	EngineContainerName   = "dagger-engine"
	DefaultEngineSockAddr = "unix:///run/dagger/engine.sock"

	RuncPath       = "/usr/local/bin/runc"
	DaggerInitPath = "/usr/local/bin/dagger-init"

	EngineDefaultStateDir = "/var/lib/dagger"

	EngineContainerBuiltinContentDir = "/usr/local/share/dagger/content"
	EngineCustomCACertsDir           = "/usr/local/share/ca-certificates"

	GoSDKManifestDigestEnvName         = "DAGGER_GO_SDK_MANIFEST_DIGEST"
	PythonSDKManifestDigestEnvName     = "DAGGER_PYTHON_SDK_MANIFEST_DIGEST"
	TypescriptSDKManifestDigestEnvName = "DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST"

	OCIVersionAnnotation = "org.opencontainers.image.version"

	AlpineVersion  = "3.22"
	AlpineImage    = "alpine:" + AlpineVersion
	GolangVersion  = "1.25"
	GolangImage    = "golang:" + GolangVersion + "-alpine"
	BusyboxVersion = "1.37"
	BusyboxImage   = "busybox:" + BusyboxVersion
)
