// Background: threads whose work no request waits for.

#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace apim::snapshot {

// From now on the calling thread gives way where it shares a core with a worker: a new image costs
// milliseconds, and a request behind it would see them. It still gets a tenth of a core that others
// want all of. (On Linux the priority is a thread's own.)
inline void run_in_background() {
  constexpr int kNice = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

}  // namespace apim::snapshot
