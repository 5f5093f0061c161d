// Command pulumi-resource-kubernetes is Pulumi's own Kubernetes provider. Its module has a main as well, which embeds files that only
// the project's own build makes: the schema, which the engine asks for only to convert programs, and names for a Terraform converter.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte("{}"), []byte("{}"))
}
