// Command etcd is etcd's own server, ended by the kernel when the lab's supervisor dies.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"

	"bigpeer-topology/lab/go/kubernetes/lifetime"
)

func main() {
	lifetime.EndWithSupervisor()
	etcdmain.Main(os.Args)
}
