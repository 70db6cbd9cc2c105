// Admin server: the admin port's pages through the same HTTP server, on the main thread's loop.

#pragma once

#include <functional>

#include "gate/admin.h"
#include "gate/connections.h"

namespace apim::gate {

class AdminServer final : private Connections {
 public:
  static constexpr size_t kBodyBytesMax = 256 * 1024;

  // Makes the page for one request.
  using Page = std::function<AdminPage(const AdminRequest& request)>;

  // Takes the socket over. `stopped` is called once, after leave(), when every connection has
  // ended.
  AdminServer(net::Loop& loop, net::ListenSocket socket, Page page, std::function<void()> stopped);

  // The socket listens now. For a socket that did not when it was given.
  void open() { listener_.open(); }

  // Another process answers the port: stops accepting, what is connected stays.
  void hand_over() { listener_.leave(); }

  // Stops accepting, ends every connection.
  void leave();

 private:
  class PageVisit;
  http::Visit* open_visit(http::ServerConnection& connection) override;
  void on_drained_out() override;

  net::Listener listener_;
  Page page_;
  std::function<void()> stopped_;
};

}  // namespace apim::gate
