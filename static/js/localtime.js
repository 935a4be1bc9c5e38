// Prints a moment in the reader's own zone and language.

export default function localtime(element) {
  const moment = new Date(element.dateTime || NaN);
  if (Number.isNaN(moment.getTime()) || element.closest("[hidden]")) return;
  const isToday = moment.toDateString() === new Date().toDateString();
  const style = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  element.textContent = new Intl.DateTimeFormat(document.documentElement.lang, style).format(moment);
}
