// Where the program of this page is, and how to begin again. Runs before textual.js looks for the terminal.
const terminal = document.getElementById("terminal");
const here = new URL(".", window.location.href);
const size = Number.parseInt(new URLSearchParams(window.location.search).get("fontsize"), 10);
terminal.dataset.sessionWebsocketUrl = here.href.replace(/^http/, "ws") + "ws";
terminal.dataset.fontSize = size >= 6 && size <= 60 ? size : 16;
document.getElementById("again").addEventListener("click", () => window.location.reload());
