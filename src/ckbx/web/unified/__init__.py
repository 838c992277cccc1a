"""The county's unified sign-in (统一身份认证) by OpenID Connect: the way to the provider and back.

Authorization code with PKCE, written out; the signature of the token is the business of joserfc.
Which account comes in says :mod:`ckbx.access.unified`.
"""
