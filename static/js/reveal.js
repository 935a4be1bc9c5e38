// A page transition that the browser gives up is no error: the page is there all the same.
for (const name of ["pageswap", "pagereveal"]) {
  window.addEventListener(name, ({ viewTransition }) => {
    for (const part of ["ready", "finished", "updateCallbackDone"]) viewTransition?.[part]?.catch(() => {});
  });
}
