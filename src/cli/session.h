// Session: the configuration, and the AWS clients that it leads to, built once for a command.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/auth/credential_chain.h"
#include "aws/rds/rds_client.h"
#include "cli/command.h"
#include "ops/pass.h"

namespace tidemark::cli {

class Session {
 public:
  // Reads the configuration; touches no network.
  static Result<std::unique_ptr<Session>> open(const Context& context);

  const config::Config& config() const { return config_; }
  aws::CredentialProvider& credentials() { return *credentials_; }
  const std::string& region() const { return region_; }

  // The sources as operations see them: all, or the one of that name. Fails with invalid_input when
  // there is none of that name, and when no region is known.
  Result<std::vector<ops::Source>> sources(const std::optional<std::string>& name);

  ops::SurveyOptions survey_options() const;

  // The query client behind the sources of that region. Fails with invalid_input on a malformed
  // region or endpoint.
  Result<aws::QueryClient*> query_for(const std::string& region);

  // Requests sent to AWS so far: all, and how many of each action, repetitions included.
  std::uint64_t call_count() const;
  const std::map<std::string, int>& calls() const { return calls_; }

  // The configured source of that name, which exists: sources() found it.
  const config::Source& source_config(const std::string& name) const;

 private:
  struct Region {
    std::unique_ptr<aws::QueryClient> query;
    std::unique_ptr<aws::rds::RdsClient> rds;
  };

  Session(const Context& context, config::Config config);
  std::function<Result<core::ServerContents>(const aws::rds::Instance&)> contents_reader(
      const config::Source& source) const;
  Result<aws::rds::RdsClient*> client_for(const std::string& region);

  const Context& context_;
  config::Config config_;
  std::string region_;
  std::unique_ptr<aws::CredentialProvider> credentials_;
  std::map<std::string, Region> regions_;
  std::map<std::string, int> calls_;
};

// The exit code of a command that ran over sources: that of the error when all failed alike,
// `partial` when only some did, `violated` when none failed but one is not protected as asked.
ExitCode exit_code_of(const core::RunReport& report);

// Fails with unsafe when --read-only was given.
Status require_writable(const Context& context, std::string_view what);

}  // namespace tidemark::cli
