// Memory: what the process holds, and what container and machine grant it.

#pragma once

#include <cstdint>
#include <filesystem>

namespace apim::gate {

// Where the kernel tells of it: "/" but in tests.
using KernelRoot = std::filesystem::path;

// The process's resident bytes; 0 when the kernel does not say.
uint64_t resident_bytes(const KernelRoot& root = "/");

// The least of what the machine has and what the control groups of the process (version 2 or 1) and
// those around them allow. Beyond it the kernel kills.
uint64_t granted_bytes(const KernelRoot& root = "/");

// Gives what was freed back to the kernel, so that it counts as free.
void return_freed();

}  // namespace apim::gate
