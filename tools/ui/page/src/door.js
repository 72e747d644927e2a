// What lets this page in: a secret behind the # of the address that `savepoint ui` prints, which browsers send to nobody.
// This tab keeps it, so that it can be loaded anew.

const k_secret = /^#([0-9a-f]{64})$/;

/** Takes the secret out of the address, and says whether there was one. */
function takeSecret() {
  const found = k_secret.exec(location.hash);
  if (found === null) return false;
  sessionStorage.setItem("secret", found[1]);
  history.replaceState(null, "", "/");
  return true;
}

takeSecret();
// The address of another run that is opened in this tab would load nothing: only what is behind the # differs.
addEventListener("hashchange", () => takeSecret() && location.reload());

export const secret = sessionStorage.getItem("secret");
