// What TLS to backends promises: only a proven peer is spoken to; an end that could be forged is no
// end.

#include "net/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "net/dial.h"
#include "support_loop.h"

namespace apim::net {
namespace {

// A self-signed certificate for `names` ("DNS:localhost,IP:127.0.0.1"), and a file that trusts it.
class Authority {
 public:
  explicit Authority(const char* names, bool is_expired = false) {
    bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
    EC_KEY_generate_key(ec.get());
    key.reset(EVP_PKEY_new());
    EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
    certificate.reset(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), is_expired ? -3600 : 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    bssl::UniquePtr<X509_EXTENSION> extension(
        X509V3_EXT_nconf_nid(nullptr, nullptr, NID_subject_alt_name, const_cast<char*>(names)));
    X509_add_ext(certificate.get(), extension.get(), -1);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    file = std::filesystem::temp_directory_path() /
           ("apim-ca-" + std::to_string(getpid()) + "-" + std::to_string(++count_) + ".pem");
    FILE* out = std::fopen(file.c_str(), "w");
    PEM_write_X509(out, certificate.get());
    std::fclose(out);
  }
  ~Authority() { std::filesystem::remove(file); }

  bssl::UniquePtr<EVP_PKEY> key;
  bssl::UniquePtr<X509> certificate;
  std::filesystem::path file;

 private:
  static inline int count_ = 0;
};

// Echoes one message over TLS, then ends with or without close_notify.
test::Backend::Script echo(const Authority& authority, bool says_goodbye,
                           uint16_t version = TLS1_3_VERSION) {
  return [&authority, says_goodbye, version](test::Backend& backend, test::RawSocket& socket) {
    bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    SSL_CTX_use_certificate(context.get(), authority.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), authority.key.get());
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), version);
    bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), socket.descriptor());
    if (SSL_accept(ssl.get()) != 1) return backend.record("refused");
    const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    backend.record(name == nullptr ? "no name" : name);
    char bytes[1024];
    const int count = SSL_read(ssl.get(), bytes, sizeof(bytes));
    if (count > 0) SSL_write(ssl.get(), bytes, count);
    if (says_goodbye) SSL_shutdown(ssl.get());
    ::shutdown(socket.descriptor(), SHUT_WR);
    socket.receive_more();
  };
}

// Takes nothing until `may_read`, then everything.
test::Backend::Script slow_reader(const Authority& authority, std::atomic<bool>& may_read) {
  return [&authority, &may_read](test::Backend&, test::RawSocket& socket) {
    bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    SSL_CTX_use_certificate(context.get(), authority.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), authority.key.get());
    bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), socket.descriptor());
    if (SSL_accept(ssl.get()) != 1) return;
    while (!may_read) std::this_thread::yield();
    char bytes[16 * 1024];
    while (SSL_read(ssl.get(), bytes, sizeof(bytes)) > 0) {
    }
  };
}

struct Dialed final : DialOwner {
  void on_dialed(Dial&, Stream* opened) override {
    stream = opened;
    stream->set_owner(&recorder);
  }
  void on_dial_failed(Dial&, const Fault&) override { has_failed = true; }
  Stream* stream = nullptr;
  bool has_failed = false;
  Recorder recorder;
};

struct Client {
  explicit Client(const std::string& ca_file)
      : resolver(loop), tls(std::move(*TlsContext::open(ca_file))) {}
  ~Client() {
    if (dialed.stream != nullptr) dialed.stream->leave();
    run_out(loop);
  }
  // False: refused.
  bool reach(const std::string& host, uint16_t port) {
    target = {.host = host, .port = port, .tls = true, .timeout_ms = test::kPatienceMs};
    Dial::start(loop, resolver, target, tls.get(), dialed);
    run_until(loop, [&] { return dialed.stream != nullptr || dialed.has_failed; });
    return dialed.stream != nullptr;
  }
  Loop loop;
  Resolver resolver;
  std::unique_ptr<TlsContext> tls;
  DialTarget target;
  Dialed dialed;
};

TEST(Tls, SpeaksToAProvenPeer) {
  const Authority authority("DNS:localhost,IP:127.0.0.1");
  for (const uint16_t version : {uint16_t{TLS1_2_VERSION}, uint16_t{TLS1_3_VERSION}}) {
    test::Backend backend(echo(authority, true, version));
    Client client(authority.file);
    ASSERT_TRUE(client.reach("127.0.0.1", backend.port()));
    const std::string message = "over the wire";
    const uv_buf_t part = part_of(message);
    client.dialed.stream->write({&part, 1});
    run_until(client.loop, [&] { return client.dialed.recorder.has_ended; });
    EXPECT_EQ(client.dialed.recorder.text, message);
  }
}

TEST(Tls, SendsTheNameOfANamedHost) {
  const Authority authority("DNS:localhost");
  test::Backend backend(echo(authority, true));
  Client client(authority.file);
  ASSERT_TRUE(client.reach("localhost", backend.port()));
  run_until(client.loop, [&] { return !backend.requests().empty(); });
  EXPECT_EQ(backend.requests()[0], "localhost");
}

TEST(Tls, RefusesACertificateForAnotherName) {
  const Authority authority("DNS:other.example,IP:127.0.0.2");
  test::Backend backend(echo(authority, true));
  EXPECT_FALSE(Client(authority.file).reach("127.0.0.1", backend.port()));
  EXPECT_FALSE(Client(authority.file).reach("localhost", backend.port()));
}

TEST(Tls, RefusesAnUnknownAuthorityAndAnExpiredCertificate) {
  const Authority authority("IP:127.0.0.1");
  const Authority stranger("IP:127.0.0.1");
  test::Backend backend(echo(stranger, true));
  EXPECT_FALSE(Client(authority.file).reach("127.0.0.1", backend.port()));
  const Authority expired("IP:127.0.0.1", true);
  test::Backend old(echo(expired, true));
  EXPECT_FALSE(Client(expired.file).reach("127.0.0.1", old.port()));
}

TEST(Tls, RefusesOldVersions) {
  const Authority authority("IP:127.0.0.1");
  test::Backend backend(echo(authority, true, TLS1_1_VERSION));
  EXPECT_FALSE(Client(authority.file).reach("127.0.0.1", backend.port()));
}

TEST(Tls, APeerInClearTextIsRefused) {
  test::Backend backend([](test::Backend&, test::RawSocket& socket) {
    socket.receive_more();
    socket.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const Authority authority("IP:127.0.0.1");
  EXPECT_FALSE(Client(authority.file).reach("127.0.0.1", backend.port()));
}

TEST(Tls, AnEndWithoutGoodbyeIsBroken) {
  const Authority authority("IP:127.0.0.1");
  test::Backend backend(echo(authority, false));
  Client client(authority.file);
  ASSERT_TRUE(client.reach("127.0.0.1", backend.port()));
  const std::string message = "hello";
  const uv_buf_t part = part_of(message);
  client.dialed.stream->write({&part, 1});
  run_until(client.loop, [&] { return client.dialed.recorder.error != 0; });
  EXPECT_EQ(client.dialed.recorder.text, message);
  EXPECT_FALSE(client.dialed.recorder.has_ended);
}

TEST(Tls, TakesMoreOnceACongestedPeerHasRead) {
  const Authority authority("IP:127.0.0.1");
  std::atomic<bool> may_read = false;
  test::Backend backend(slow_reader(authority, may_read));
  Client client(authority.file);
  ASSERT_TRUE(client.reach("127.0.0.1", backend.port()));
  Stream& stream = *client.dialed.stream;
  const std::string piece(256 * 1024, 'x');
  const uv_buf_t part = part_of(piece);
  for (int i = 0; i < 100 && !stream.is_congested(); ++i) stream.write({&part, 1});
  ASSERT_TRUE(stream.is_congested());
  may_read = true;
  run_until(client.loop, [&] { return client.dialed.recorder.drained_count > 0; });
  EXPECT_FALSE(stream.is_congested());
}

TEST(Tls, AnUnreadableAuthorityFileIsAnError) {
  EXPECT_FALSE(TlsContext::open("/nothing/here.pem"));
}

}  // namespace
}  // namespace apim::net
