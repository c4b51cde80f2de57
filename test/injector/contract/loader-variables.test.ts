/** Tests which environment variables steer how programs start. */
import t from 'tap';
import { isLoaderVariable } from '../../../injector/contract/loader-variables.ts';

const STEERING: Readonly<Record<string, string>> = {
  'the dynamic loader and the C library':
    'LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES GLIBC_TUNABLES MALLOC_CHECK_ GCONV_PATH LOCPATH NLSPATH',
  shells: 'BASH_FUNC_ls%% BASHOPTS BASH_ENV CDPATH ENV FPATH IFS PATH PROMPT_COMMAND PS4 SHELL SHELLOPTS ZDOTDIR',
  'Node.js and bun':
    'BUN_OPTIONS NODE_EXTRA_CA_CERTS NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NODE_TLS_REJECT_UNAUTHORIZED',
  Python:
    'PYTHONBREAKPOINT PYTHONEXECUTABLE PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONPLATLIBDIR PYTHONSTARTUP PYTHONUSERBASE PYTHONWARNINGS',
  'Perl and Ruby': 'PERL5DB PERL5LIB PERL5OPT PERLLIB RUBYLIB RUBYOPT RUBYSHELL BUNDLE_GEMFILE GEM_HOME GEM_PATH',
  Java: 'JDK_JAVA_OPTIONS CLASSPATH JAVA_OPTIONS JAVA_OPTS JAVA_TOOL_OPTIONS _JAVA_OPTIONS CATALINA_OPTS MAVEN_OPTS',
  '.NET':
    'CORECLR_PROFILER COR_PROFILER DOTNET_ADDITIONAL_DEPS DOTNET_SHARED_STORE DOTNET_STARTUP_HOOKS ASPNETCORE_HOSTINGSTARTUPASSEMBLIES',
  'PHP, Lua and Erlang': 'PHPRC PHP_INI_SCAN_DIR LUA_CPATH LUA_INIT LUA_PATH ERL_AFLAGS ERL_FLAGS ERL_LIBS ERL_ZFLAGS',
  'git and OpenSSL':
    'GIT_EXEC_PATH GIT_SSH_COMMAND OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES SSL_CERT_DIR SSL_CERT_FILE',
};

for (const [what, names] of Object.entries(STEERING)) {
  t.test(`variables of ${what} steer how programs start`, async (t) => {
    t.same(
      names.split(' ').filter((name) => !isLoaderVariable(name)),
      [],
    );
  });
}

t.test('variables of apps do not, however near their names are', async (t) => {
  const names = ['PASSWORD', 'DB_PATH', 'PATHS', 'LDAP_URL', 'JAVA_HOME', 'NODE_ENV', 'CORS_ORIGIN', 'OLD_LD_PRELOAD'];
  t.same(names.filter(isLoaderVariable), []);
});
