// What went wrong with a passkey is said on the page, not in the console alone.
document.addEventListener('allauth.error', function (event) {
  const place = document.getElementById('passkey-problem')
  if (!place) return
  event.preventDefault()
  const problem = event.detail.exception
  place.hidden = false
  place.textContent = problem && problem.name === 'NotAllowedError'
    ? 'The browser gave no passkey: it was cancelled, it took too long, or there is none for this site.'
    : 'The passkey could not be used: ' + (problem && problem.message ? problem.message : 'no reason was given')
})
// Without WebAuthn there is nothing to press.
document.addEventListener('DOMContentLoaded', function () {
  if (window.PublicKeyCredential) {
    document.querySelectorAll('[data-needs-passkeys]').forEach(function (one) { one.hidden = false })
  }
})
