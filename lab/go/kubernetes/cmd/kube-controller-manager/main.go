// Command kube-controller-manager is Kubernetes' own controller manager, ended by the kernel when the lab's supervisor dies.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"

	"bigpeer-topology/lab/go/kubernetes/lifetime"
)

func main() {
	lifetime.EndWithSupervisor()
	os.Exit(cli.Run(app.NewControllerManagerCommand()))
}
