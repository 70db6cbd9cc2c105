// Server: carries requests between TLS connections and Dispatch. The only file that knows
// cpp-httplib.
//
// One thread a connection, `threads` of them. Of the library only its parser, its TLS stream and
// its writer are used: bodies are read by us within the bounds of the matched route, multipart is
// ours, and after an answer that left part of a body unread the connection ends.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/problem.h"
#include "rest/certificate.h"
#include "rest/dispatch.h"

namespace apim::rest {

struct ServerSettings {
  std::string host;   // an IP address
  uint16_t port = 0;  // 0 = a free one
  size_t threads = 32;
  Certificate certificate;
};

class Server {
 public:
  // Listens when it returns. `dispatch` outlives the server.
  static model::Result<std::unique_ptr<Server>> open(const Dispatch& dispatch,
                                                     const ServerSettings& settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;
  // Serves until stop(); then finishes what runs.
  void run();
  // Any thread. run() returns soon after.
  void stop();

 private:
  struct Wire;
  explicit Server(std::unique_ptr<Wire> wire);
  std::unique_ptr<Wire> wire_;
};

}  // namespace apim::rest
