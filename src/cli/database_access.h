// How to log in to a source's server, from its configuration.
#pragma once

#include "cli/context.h"
#include "core/instance_settings.h"
#include "postgres/conn/options.h"

namespace tidemark::cli {

// That of PostgreSQL where the settings name none.
std::uint16_t port_of(const core::InstanceSettings& settings);

// The password comes from the configured file or command; it is empty when there is neither. Fails
// when it cannot be had.
Result<postgres::ConnectionOptions> database_options(const Context& context,
                                                     const config::Source& source,
                                                     const std::string& address,
                                                     const core::InstanceSettings& settings);

// The password of the configured file or command; empty when there is neither.
Result<Secret> read_password(const Context& context, const config::Database& database);

// A URL or connection string as an argument. Logs a warning when there is a password in it.
Result<postgres::ConnectionOptions> connection_of_argument(const Context& context,
                                                           const std::string& text);

// Logs a warning when others than its owner may read the file.
void warn_if_others_read(const std::string& path);

// The first line of a file that only its owner may read.
Result<Secret> read_password_file(const std::string& path);

}  // namespace tidemark::cli
