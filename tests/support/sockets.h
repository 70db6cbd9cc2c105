// Sockets: a raw client and a scripted backend for tests, blocking, on loopback, every wait
// bounded.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <charconv>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace apim::test {

inline constexpr int kPatienceMs = 10'000;

// As long as it lives, this process gets no further descriptor. Sanitizers want one when they meet
// a type for the first time: do what is tested once before.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

// One blocking connection.
class RawSocket {
 public:
  explicit RawSocket(int descriptor) : descriptor_(descriptor) {}
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { close(); }

  static std::unique_ptr<RawSocket> connect(uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(descriptor);
      return nullptr;
    }
    return std::make_unique<RawSocket>(descriptor);
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  // More bytes into text(). False: the other end closed, broke, or was silent for too long.
  bool receive_more(int patience_ms = kPatienceMs) {
    pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, patience_ms) != 1) {
      is_silent_ = true;
      return false;
    }
    char bytes[65536];
    const ssize_t count = ::recv(descriptor_, bytes, sizeof(bytes), 0);
    if (count <= 0) {
      has_ended_ = true;
      was_reset_ = count < 0;
      return false;
    }
    text_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  // One whole message with a head and the body its fields announce (Content-Length, chunked, or
  // none). Empty: the connection ended first; text() holds what came.
  std::string receive_message(bool has_body = true) {
    size_t end = 0;
    while ((end = message_end(has_body)) == std::string::npos) {
      if (!receive_more()) return {};
    }
    std::string message = text_.substr(0, end);
    text_.erase(0, end);
    return message;
  }

  std::string receive_all() {
    while (receive_more()) {
    }
    return std::exchange(text_, {});
  }

  void end() { ::shutdown(descriptor_, SHUT_WR); }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }

  const std::string& text() const { return text_; }
  bool has_ended() const { return has_ended_; }
  bool was_reset() const { return was_reset_; }
  bool is_silent() const { return is_silent_; }
  int descriptor() const { return descriptor_; }

 private:
  static size_t number_after(std::string_view head, std::string_view name) {
    for (size_t line = head.find("\r\n"); line != std::string_view::npos;
         line = head.find("\r\n", line + 2)) {
      std::string_view rest = head.substr(line + 2);
      if (rest.size() < name.size() || strncasecmp(rest.data(), name.data(), name.size()) != 0)
        continue;
      rest = rest.substr(0, rest.find("\r\n"));
      while (!rest.empty() && (rest.back() < '0' || rest.back() > '9')) rest.remove_suffix(1);
      size_t number = 0;
      std::from_chars(rest.data() + rest.find_first_of("0123456789"), rest.data() + rest.size(),
                      number);
      return number;
    }
    return std::string::npos;
  }

  size_t message_end(bool has_body) const {
    const size_t head = text_.find("\r\n\r\n");
    if (head == std::string::npos) return std::string::npos;
    const std::string_view fields = std::string_view(text_).substr(0, head + 2);
    if (!has_body) return head + 4;
    if (fields.find("ransfer-") != std::string_view::npos &&
        fields.find("chunked") != std::string_view::npos) {
      const size_t last = text_.find("0\r\n\r\n", head + 2);
      return last == std::string::npos ? last : last + 5;
    }
    const size_t length = number_after(fields, "content-length:");
    if (length == std::string::npos) return head + 4;
    return text_.size() >= head + 4 + length ? head + 4 + length : std::string::npos;
  }

  int descriptor_;
  std::string text_;
  bool has_ended_ = false;
  bool was_reset_ = false;
  bool is_silent_ = false;
};

// A backend: each connection runs `script` on a thread of its own.
class Backend {
 public:
  using Script = std::function<void(Backend&, RawSocket&)>;

  explicit Backend(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    [[maybe_unused]] int status = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    assert(status == 0);
    status = ::listen(listener_, 64);
    assert(status == 0);
    status = ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    assert(status == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }

  // Answers every request of a connection with `answer(request)`.
  static Script answering(std::function<std::string(const std::string&)> answer) {
    return [answer = std::move(answer)](Backend& backend, RawSocket& socket) {
      for (std::string request; !(request = socket.receive_message()).empty();) {
        backend.record(request);
        if (!socket.send(answer(request))) return;
      }
    };
  }

  ~Backend() {
    is_over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (RawSocket* socket : sockets_) ::shutdown(socket->descriptor(), SHUT_RDWR);
    }
    for (std::thread& each : threads_) each.join();
  }

  uint16_t port() const { return port_; }
  std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  void record(const std::string& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  size_t connection_count() const { return connection_count_; }

 private:
  void accept_all() {
    while (!is_over_) {
      const int descriptor = ::accept(listener_, nullptr, nullptr);
      if (descriptor < 0) return;
      ++connection_count_;
      threads_.emplace_back([this, descriptor] {
        RawSocket socket(descriptor);
        {
          const std::lock_guard lock(mutex_);
          sockets_.push_back(&socket);
        }
        script_(*this, socket);
        const std::lock_guard lock(mutex_);
        std::erase(sockets_, &socket);
      });
    }
  }

  Script script_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> is_over_{false};
  std::atomic<size_t> connection_count_{0};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<RawSocket*> sockets_;
  std::vector<std::thread> threads_;
  std::thread thread_;
};

// A port on which nobody listens.
inline uint16_t closed_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  [[maybe_unused]] const int status =
      ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length);
  assert(status == 0);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

}  // namespace apim::test
