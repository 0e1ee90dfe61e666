"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

/** Starts `ssrdsl lsp`; shows an error with a fix if that fails. */
async function start() {
  const command = workspace.getConfiguration("ssrdsl").get("command", "ssrdsl");
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("ssrdsl", "ssrdsl", server, {
    documentSelector: [{ language: "ssr" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.ssr") },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(
      `Cannot start \`${command} lsp\`. Install it by \`pip install 'ssrdsl[lsp]'\`, ` +
        `or set "ssrdsl.command" to its path. (${error.message ?? error})`
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function activate(context) {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    commands.registerCommand("ssrdsl.restart", restart),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("ssrdsl.command")) {
        restart();
      }
    })
  );
  await start();
}

module.exports = { activate, deactivate: stop };
