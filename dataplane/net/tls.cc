#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "net/loop.h"
#include "net/resolver.h"

namespace apim::net {
namespace {

constexpr size_t kRecordBytesMax = 16 * 1024;
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

class TlsStream;

// What the BIO reads from and writes to. Input is borrowed for one call; what a partial record
// leaves stays with us.
struct Wire {
  std::string_view input;
  std::string output;
};

int wire_read(BIO* bio, char* out, int room) {
  auto* wire = static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire->input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t count = std::min(wire->input.size(), static_cast<size_t>(room));
  std::memcpy(out, wire->input.data(), count);
  wire->input.remove_prefix(count);
  return static_cast<int>(count);
}

int wire_write(BIO* bio, const char* bytes, int count) {
  auto* wire = static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  wire->output.append(bytes, static_cast<size_t>(count));
  return count;
}

long wire_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* wire_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "wire");
    BIO_meth_set_read(made, wire_read);
    BIO_meth_set_write(made, wire_write);
    BIO_meth_set_ctrl(made, wire_control);
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method;
}

// One connection. The socket below is a plain Stream whose owner we are.
class TlsStream final : public Stream, private StreamOwner, private Later {
 public:
  TlsStream(SSL* ssl, Stream* plain, StreamOwner& owner) : ssl_(ssl), plain_(plain) {
    owner_ = &owner;
    BIO* bio = BIO_new(wire_method());
    assert(bio != nullptr);
    BIO_set_data(bio, &wire_);
    SSL_set_bio(ssl_.get(), bio, bio);
    plain_->set_owner(this);
    plain_->read_start();
    shake();
  }

  void write(std::span<const uv_buf_t> parts) override {
    if (plain_ == nullptr || is_broken_) return;
    for (const uv_buf_t& part : parts) {
      for (size_t at = 0; at < part.len;) {
        ERR_clear_error();
        const size_t size = std::min<size_t>(part.len - at, kRecordBytesMax);
        const int written = SSL_write(ssl_.get(), part.base + at, static_cast<int>(size));
        if (written <= 0) return break_later(UV_EPROTO);
        at += static_cast<size_t>(written);
      }
    }
    send_output();
  }

  size_t queued_bytes() const override { return plain_ == nullptr ? 0 : plain_->queued_bytes(); }
  bool has_unread() const override {
    return plain_ == nullptr || is_broken_ || SSL_has_pending(ssl_.get()) == 1 ||
           plain_->has_unread();
  }
  void read_start() override { set_reading(true); }
  void read_stop() override { set_reading(false); }

  void shutdown() override {
    if (plain_ == nullptr || is_broken_) return;
    loop().outbox().flush();
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    send_output();
    plain_->shutdown();
  }

  void reset() override {
    if (plain_ != nullptr) plain_->reset();
    leave();
  }
  void leave() override {
    if (plain_ == nullptr) return;
    owner_ = nullptr;
    Loop& here = loop();
    here.outbox().forget(*this);
    std::exchange(plain_, nullptr)->leave();
    loop_ = &here;
    here.later(*this);
  }

  Loop& loop() override { return plain_ != nullptr ? plain_->loop() : *loop_; }

 private:
  ~TlsStream() override = default;

  void on_bytes(std::string_view bytes) override {
    wire_.input = bytes;
    if (!is_proven_) shake();
    if (is_proven_) read_records();
    // A whole record is always taken by BoringSSL; nothing may be left over.
    if (plain_ != nullptr && !is_broken_ && !wire_.input.empty() && is_reading_)
      break_later(UV_EPROTO);
    wire_.input = {};
  }

  // A FIN without close_notify may be an attacker's: it is no end.
  void on_end() override { break_later(UV_ECONNRESET); }
  void on_broken(int error) override { break_later(error); }
  void on_drained() override {
    was_congested_ = false;
    if (owner_ != nullptr) owner_->on_drained();
  }
  void on_shut() override {
    if (owner_ != nullptr) owner_->on_shut();
  }

  void shake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    const int error = SSL_get_error(ssl_.get(), done);
    send_output();
    if (done == 1) {
      // SSL_VERIFY_PEER has checked chain and host by now; this states it.
      assert(SSL_get_verify_result(ssl_.get()) == X509_V_OK);
      is_proven_ = true;
      if (owner_ != nullptr) owner_->on_connected();
      return;
    }
    if (error != SSL_ERROR_WANT_READ) {
      std::array<char, 256> reason{};
      ERR_error_string_n(ERR_peek_error(), reason.data(), reason.size());
      const long verdict = SSL_get_verify_result(ssl_.get());
      log::warn("upstream_tls_refused",
                {{"host", SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)
                              ? SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)
                              : ""},
                 {"certificate", X509_verify_cert_error_string(verdict)},
                 {"reason", reason.data()}});
      break_later(UV_EPROTO);
    }
  }

  void read_records() {
    std::array<char, kRecordBytesMax> content;
    while (owner_ != nullptr && !is_broken_) {
      ERR_clear_error();
      const int count = SSL_read(ssl_.get(), content.data(), static_cast<int>(content.size()));
      if (count <= 0) return end_records(SSL_get_error(ssl_.get(), count));
      owner_->on_bytes({content.data(), static_cast<size_t>(count)});
      // The owner's writes borrow `content`.
      if (plain_ != nullptr) loop().outbox().flush();
    }
  }

  void end_records(int error) {
    send_output();  // Answers to key updates.
    if (error == SSL_ERROR_WANT_READ) return;
    if (error != SSL_ERROR_ZERO_RETURN) return break_later(UV_EPROTO);
    if (has_ended_ || owner_ == nullptr) return;
    has_ended_ = true;
    owner_->on_end();
  }

  void send_output() {
    if (wire_.output.empty() || plain_ == nullptr) return;
    const uv_buf_t part =
        uv_buf_init(wire_.output.data(), static_cast<unsigned>(wire_.output.size()));
    plain_->write({&part, 1});
    if (plain_->is_congested()) was_congested_ = true;
    wire_.output.clear();
    if (wire_.output.capacity() > 4 * kRecordBytesMax) wire_.output.shrink_to_fit();
  }

  void set_reading(bool reading) {
    is_reading_ = reading;
    if (plain_ == nullptr) return;
    reading ? plain_->read_start() : plain_->read_stop();
  }

  void break_later(int error) {
    if (is_broken_ || plain_ == nullptr) return;
    is_broken_ = true;
    error_ = error;
    loop().later(*this);
  }

  void on_later() override {
    if (plain_ == nullptr) {
      delete this;
    } else if (is_broken_ && owner_ != nullptr) {
      owner_->on_broken(error_);
    }
  }

  bssl::UniquePtr<SSL> ssl_;
  Wire wire_;
  Stream* plain_;
  Loop* loop_ = nullptr;  // Once the plain stream has left.
  int error_ = 0;
  bool is_proven_ = false;
  bool is_broken_ = false;
  bool has_ended_ = false;
  bool is_reading_ = true;
};

class BackendTls final : public TlsContext {
 public:
  explicit BackendTls(bssl::UniquePtr<SSL_CTX> context) : context_(std::move(context)) {}

  Stream* secure(Stream* plain, const std::string& host, StreamOwner& owner) override {
    ERR_clear_error();
    SSL* ssl = SSL_new(context_.get());
    assert(ssl != nullptr);
    SSL_set_connect_state(ssl);
    SocketAddress literal;
    bool is_set = true;
    if (parse_literal(host, &literal)) {
      is_set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    } else {
      X509_VERIFY_PARAM_set_hostflags(SSL_get0_param(ssl), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      is_set = X509_VERIFY_PARAM_set1_host(SSL_get0_param(ssl), host.c_str(), host.size()) == 1 &&
               SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
    }
    if (!is_set) {
      SSL_free(ssl);
      plain->leave();
      return nullptr;
    }
    return new TlsStream(ssl, plain, owner);
  }

 private:
  bssl::UniquePtr<SSL_CTX> context_;
};

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::open(const std::string& ca_file) {
  bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
  assert(context != nullptr);
  const char* file = ca_file.empty() ? kSystemAuthorities : ca_file.c_str();
  const bool is_set = SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                      SSL_CTX_set_strict_cipher_list(context.get(), kCiphers) == 1 &&
                      SSL_CTX_load_verify_locations(context.get(), file, nullptr) == 1;
  if (!is_set) {
    ERR_clear_error();
    log::error("upstream_ca_unreadable",
               {{"file", file}, {"help", "upstream.ca_file must name a PEM file"}});
    return std::unexpected(fault(FaultCode::ConfigInvalid, "upstream.ca_file cannot be used"));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  static constexpr std::array<uint8_t, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), kProtocols.data(), kProtocols.size());
  return std::make_unique<BackendTls>(std::move(context));
}

}  // namespace apim::net
