// Stack: where another thread of this process is right now.
//
// The thread is interrupted by kStackSignal and writes its own return addresses
// into the process's one buffer; whoever asked names them afterwards, outside
// of the signal. backtrace() is safe in a handler once it was called before:
// the first call loads libgcc, and later ones walk without a lock or malloc.

#pragma once

#include <pthread.h>

#include <csignal>
#include <cstddef>
#include <string>

namespace apim::gate {

inline constexpr int kStackSignal = SIGUSR2;

// Installs the handler, once a process, for good: a signal that comes late must not kill.
void prepare_stacks();

// Lets the calling thread be asked. After prepare_stacks().
void admit_stack_signal();

// The stack of `thread`, which is alive and admits the signal: "module+0xoffset ...", innermost
// first, at most `frames_max`. Empty when it does not answer within a second. One
// caller at a time.
std::string stack_of(pthread_t thread, size_t frames_max);

}  // namespace apim::gate
