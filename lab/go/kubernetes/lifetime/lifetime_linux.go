// Package lifetime ties a control plane component to the supervisor that started it.
package lifetime

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// supervisorVariable names the environment variable that holds the supervisor's process id. Without it the program runs as usual.
const supervisorVariable = "BIGPEER_LAB_SUPERVISOR"

// EndWithSupervisor asks the kernel to end this process when the supervisor ends, so that a killed supervisor leaves nothing behind.
// Call it from the main goroutine, before anything else.
func EndWithSupervisor() {
	supervisor, err := strconv.Atoi(os.Getenv(supervisorVariable))
	if err != nil {
		return
	}
	// The kernel keeps the request with the thread that makes it: that thread must live as long as the process.
	runtime.LockOSThread()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0); errno != 0 {
		fmt.Fprintf(os.Stderr, "prctl(PR_SET_PDEATHSIG) failed: %v\n", errno)
		os.Exit(1)
	}
	// The supervisor may have died before the request was made.
	if os.Getppid() != supervisor {
		fmt.Fprintln(os.Stderr, "the lab's supervisor is gone")
		os.Exit(1)
	}
}
