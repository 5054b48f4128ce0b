// TLS as CurlTransport checks it, against a real server: `openssl s_server` with certificates made
// for the occasion.
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/curl_transport.h"

namespace tidemark::net {
namespace {

using ::testing::HasSubstr;

// A folder that goes when the test ends.
class Folder {
 public:
  Folder() { CHECK(::mkdtemp(path_) != nullptr); }
  ~Folder() {
    for (const char* name : {"/key.pem", "/cert.pem"})
      ::unlink((path_ + std::string(name)).c_str());
    ::rmdir(path_);
  }
  std::string file(const char* name) const { return std::string(path_) + "/" + name; }

 private:
  char path_[32] = "/tmp/tidemark-tls-XXXXXX";
};

// A TLS server on a loopback port, for the length of a test.
class TlsServer {
 public:
  // name: as in subjectAltName, "DNS:localhost". days: how long the certificate is valid from now
  // on. extra: more arguments of `openssl s_server`.
  explicit TlsServer(const std::string& name, const std::string& days = "1",
                     const std::vector<std::string>& extra = {}) {
    const std::string key = folder_.file("key.pem");
    run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=tidemark test", "-addext", "subjectAltName=" + name, "-keyout",
         key, "-out", bundle()});
    // Only this command takes a length of time below zero.
    run({"openssl", "x509", "-in", bundle(), "-signkey", key, "-days", days, "-out", bundle()});
    std::vector<std::string> argv{"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                                  bundle(),  "-key",     key};
    argv.insert(argv.end(), extra.begin(), extra.end());
    start(argv);
  }

  ~TlsServer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    if (output_ != nullptr) ::fclose(output_);
  }

  std::string bundle() const { return folder_.file("cert.pem"); }
  std::string url() const { return "https://localhost:" + port_ + "/"; }

 private:
  static void exec(const std::vector<std::string>& argv) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }

  static void run(const std::vector<std::string>& argv) {
    const pid_t child = ::fork();
    if (child == 0) {
      CHECK(::freopen("/dev/null", "w", stderr) != nullptr);
      exec(argv);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child && status == 0);
  }

  // The server says on which port it listens.
  void start(const std::vector<std::string>& argv) {
    int ends[2];
    CHECK(::pipe(ends) == 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(ends[1], STDOUT_FILENO);
      CHECK(::freopen("/dev/null", "w", stderr) != nullptr);
      CHECK(::freopen("/dev/null", "r", stdin) != nullptr);
      exec(argv);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
    char line[200];
    while (port_.empty() && ::fgets(line, sizeof line, output_) != nullptr) {
      const std::string text(line);
      if (text.starts_with("ACCEPT ")) port_ = text.substr(text.rfind(':') + 1);
    }
    if (!port_.empty()) port_.pop_back();  // the line end
  }

  Folder folder_;
  pid_t child_ = -1;
  FILE* output_ = nullptr;
  std::string port_;
};

Result<HttpResponse> get(const std::string& url, const std::string& ca_bundle) {
  StopSignal stop;
  const std::unique_ptr<CurlTransport> transport =
      *CurlTransport::open({.ca_bundle = ca_bundle}, stop);
  HttpRequest request;
  request.url = url;
  request.deadline = Millis{10'000};
  return transport->send(request);
}

TEST(CurlTls, TrustsTheGivenBundle) {
  const TlsServer server("DNS:localhost");
  const Result<HttpResponse> response = get(server.url(), server.bundle());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
}

TEST(CurlTls, UnknownAuthorityIsDeniedWithTheWayOut) {
  const TlsServer server("DNS:localhost");
  const Result<HttpResponse> response = get(server.url(), "");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::denied);
  EXPECT_THAT(response.error().message, HasSubstr("localhost: TLS verification failed"));
  EXPECT_THAT(response.error().hint, HasSubstr("AWS_CA_BUNDLE"));
}

TEST(CurlTls, BundleStandsInPlaceOfTheSystemsAuthorities) {
  const TlsServer server("DNS:localhost");
  const TlsServer other("DNS:localhost");
  EXPECT_EQ(get(server.url(), other.bundle()).error().kind, ErrorKind::denied);
}

TEST(CurlTls, NameOfAnotherHostIsDenied) {
  const TlsServer server("DNS:rds.eu-west-1.amazonaws.com");
  EXPECT_EQ(get(server.url(), server.bundle()).error().kind, ErrorKind::denied);
}

TEST(CurlTls, ExpiredCertificateIsDenied) {
  const TlsServer server("DNS:localhost", "-1");
  EXPECT_EQ(get(server.url(), server.bundle()).error().kind, ErrorKind::denied);
}

TEST(CurlTls, OldProtocolsAreRefused) {
  const TlsServer server("DNS:localhost", "1", {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  const Result<HttpResponse> response = get(server.url(), server.bundle());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
}

TEST(CurlTls, BundleThatIsNoCertificateIsDenied) {
  const TlsServer server("DNS:localhost");
  EXPECT_EQ(get(server.url(), "/etc/hostname").error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace tidemark::net
