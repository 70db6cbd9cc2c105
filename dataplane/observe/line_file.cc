#include "observe/line_file.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace apim::observe {
namespace {

// A pipe that is ready takes this many bytes whole and at once (POSIX, write to a pipe).
constexpr size_t kPipeChunkBytes = PIPE_BUF;

// The longest run of whole lines that fits into one chunk; a longer line goes in pieces.
size_t chunk_bytes(std::string_view lines) {
  if (lines.size() <= kPipeChunkBytes) return lines.size();
  const size_t newline = lines.substr(0, kPipeChunkBytes).rfind('\n');
  return newline == std::string_view::npos ? kPipeChunkBytes : newline + 1;
}

}  // namespace

LineFile::~LineFile() { close(); }

void LineFile::close() {
  if (owned_) ::close(fd_);
  fd_ = -1;
  owned_ = false;
}

Result<bool> LineFile::open(const std::string& target) {
  int fd = STDERR_FILENO;
  const bool owned = target != "stderr";
  struct stat status {};
  if (owned) {
    // A pipe without a reader can be opened for writing only together with reading.
    const bool is_pipe = stat(target.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
    const int access = is_pipe ? O_RDWR : O_WRONLY;
    fd = ::open(target.c_str(), access | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
  }
  if (fd < 0 || fstat(fd, &status) != 0) {
    return std::unexpected(fault(FaultCode::SystemRefused, "the log's target cannot be opened"));
  }
  close();
  fd_ = fd;
  owned_ = owned;
  is_regular_ = S_ISREG(status.st_mode);
  return true;
}

bool LineFile::wait_until_ready(uint32_t wait_ms) const {
  pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
  return poll(&ready, 1, static_cast<int>(wait_ms)) == 1;
}

size_t LineFile::write(std::string_view lines, uint32_t wait_ms) {
  assert(fd_ >= 0);
  size_t written = 0;
  while (written < lines.size()) {
    const std::string_view rest = lines.substr(written);
    if (!is_regular_ && !wait_until_ready(wait_ms)) {
      errno = 0;
      break;
    }
    const ssize_t result = ::write(fd_, rest.data(), is_regular_ ? rest.size() : chunk_bytes(rest));
    if (result < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (result <= 0) break;
    written += static_cast<size_t>(result);
  }
  return written;
}

}  // namespace apim::observe
